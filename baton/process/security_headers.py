"""Headers that keep browsers from doing more with a response than it is meant for."""

SECURITY_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    # Links are secrets here: no other site may see the address that somebody came from.
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
"""The headers of every response; a page that needs another value sets it itself."""

HSTS = ("Strict-Transport-Security", "max-age=31536000")
"""The header by which browsers use TLS alone for a year; for installations that are reached over TLS."""
