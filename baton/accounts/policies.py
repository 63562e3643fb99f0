"""The accounts' policies, read from the settings: they apply to orders without a policy of their own."""

from typing import TypeVar

from pydantic import BaseModel, ValidationError

from baton.chains.deposits import DepositState
from baton.orchestra.rules.affiliates import ClaimPolicy
from baton.orchestra.rules.payers import OnrampPolicy
from baton.orchestra.rules.reprice import RepricePolicy
from baton.orchestra.rules.zeroconf import ZeroConfPolicy
from baton.settings import PartnerAccount, SettingsError

T = TypeVar("T", bound=BaseModel)
EVERY_CHAIN = "*"


def zeroconf_policy(account: PartnerAccount) -> ZeroConfPolicy:
    """Return the account's policy for ZeroConf offers."""
    return _read(account, "zeroconf", ZeroConfPolicy)


def reprice_policy(account: PartnerAccount) -> RepricePolicy:
    """Return the account's policy for repricings."""
    return _read(account, "reprice", RepricePolicy)


def onramp_policy(account: PartnerAccount) -> OnrampPolicy:
    """Return the account's limits for onramps."""
    return _read(account, "onramp", OnrampPolicy)


def claim_policy(account: PartnerAccount) -> ClaimPolicy:
    """Return when the account's balances of affiliates are claimed."""
    return _read(account, "affiliates", ClaimPolicy)


def submit_at(account: PartnerAccount, chain: str) -> DepositState:
    """Return the state in which a deposit on that chain is submitted.

    Bitcoin deposits are submitted as soon as they are seen, so that a ZeroConf offer is possible; others once they are
    confirmed.
    """
    default = DepositState.SEEN if chain == "bitcoin" else DepositState.CONFIRMED
    return DepositState(account.submit_at.get(chain) or account.submit_at.get(EVERY_CHAIN) or default)


def check_policies(account: PartnerAccount) -> None:
    """Check that every policy of an account is valid.

    Raises:
        SettingsError: Policies are not valid; the text names every wrong field.
    """
    faults = []
    for read in (zeroconf_policy, reprice_policy, onramp_policy, claim_policy):
        try:
            read(account)
        except SettingsError as error:
            faults.append(str(error))
    if faults:
        raise SettingsError("; ".join(faults))


def _read(account: PartnerAccount, name: str, model: type[T]) -> T:
    try:
        return model.model_validate(getattr(account, name))
    except ValidationError as error:
        faults = [f"{'.'.join(map(str, (name, *fault['loc'])))}: {fault['msg']}" for fault in error.errors()]
        raise SettingsError(f"account {account.name}: {'; '.join(faults)}") from None
