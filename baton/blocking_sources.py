"""The blocking client's calls for reusable addresses, pay links and affiliates."""

from baton.blocking_calls import BlockingCalls, blocking
from baton.client_addresses import AddressClient
from baton.client_affiliates import AffiliateClient
from baton.client_pay_links import PayLinkClient


class BlockingAddressClient(BlockingCalls):
    """Reusable addresses for code without an event loop; part of `BlockingBatonClient`."""

    create_address = blocking(AddressClient.create_address)
    address = blocking(AddressClient.address)
    addresses = blocking(AddressClient.addresses)
    address_deposits = blocking(AddressClient.address_deposits)
    refund_deposit = blocking(AddressClient.refund_deposit)
    update_address = blocking(AddressClient.update_address)
    enable_address = blocking(AddressClient.enable_address)
    disable_address = blocking(AddressClient.disable_address)
    resolve_address = blocking(AddressClient.resolve_address)


class BlockingPayLinkClient(BlockingCalls):
    """Pay links for code without an event loop; part of `BlockingBatonClient`."""

    create_pay_link = blocking(PayLinkClient.create_pay_link)
    pay_link = blocking(PayLinkClient.pay_link)
    pay_links = blocking(PayLinkClient.pay_links)
    pay_link_orders = blocking(PayLinkClient.pay_link_orders)
    update_pay_link = blocking(PayLinkClient.update_pay_link)
    disable_pay_link = blocking(PayLinkClient.disable_pay_link)
    resolve_pay_link = blocking(PayLinkClient.resolve_pay_link)


class BlockingAffiliateClient(BlockingCalls):
    """Affiliates for code without an event loop; part of `BlockingBatonClient`."""

    register_affiliate = blocking(AffiliateClient.register_affiliate)
    affiliates = blocking(AffiliateClient.affiliates)
    disable_affiliate = blocking(AffiliateClient.disable_affiliate)
    affiliate_balance = blocking(AffiliateClient.affiliate_balance)
    affiliate_report = blocking(AffiliateClient.affiliate_report)
    claim_affiliate = blocking(AffiliateClient.claim_affiliate)
    claims = blocking(AffiliateClient.claims)
