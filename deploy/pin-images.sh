#!/usr/bin/env bash
# Writes behind each image tag of docker-compose.yml and Dockerfile the digest that the registry has for it now, so that
# a tag that is moved changes nothing here. Run it after changing a tag, and look at `git diff`.
#
#   deploy/pin-images.sh            asks the registries and writes what differs
#   deploy/pin-images.sh --check    writes nothing; exits 1 if a digest is missing or differs
#
# It needs Docker with buildx, whose engine need not run.
set -euo pipefail
cd "$(dirname "$0")/.."

readonly files=(docker-compose.yml Dockerfile)

# Every image with a tag, without its digest. What has no tag is the name of a stage or an image that is built here.
images() {
    sed -nE 's/^(FROM|[[:space:]]+image:) +([^@[:space:]]+:[^@[:space:]]+).*/\2/p' "${files[@]}" |
        grep -v '^baton:' | sort -u
}

digest_of() {
    docker buildx imagetools inspect --format '{{.Manifest.Digest}}' "$1"
}

pin() {
    local image=$1 digest=$2 escaped=${1//./\\.}
    sed -i -E "s|([[:space:]])${escaped}(@sha256:[0-9a-f]{64})?([[:space:]]\|\$)|\1${image}@${digest}\3|" "${files[@]}"
}

is_pinned() {
    ! grep --no-filename --fixed-strings "$1" "${files[@]}" | grep --quiet --invert-match --fixed-strings "$1@$2"
}

outdated=0
for image in $(images); do
    digest=$(digest_of "$image")
    if ! [[ $digest =~ ^sha256:[0-9a-f]{64}$ ]]; then
        echo "$image: the registry gave no digest but: $digest" >&2
        exit 1
    fi
    if is_pinned "$image" "$digest"; then
        echo "current  $image"
    elif [ "${1:-}" = --check ]; then
        echo "differs  $image: the registry has $digest"
        outdated=1
    else
        pin "$image" "$digest"
        echo "pinned   $image@$digest"
    fi
done
exit "$outdated"
