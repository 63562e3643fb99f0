"""Signed Solana transactions of a payer: SOL, tokens, and a new mint.

This module needs `solders`, so import it only where it is used.

Sources of the instruction layouts: the SPL Token program's `TokenInstruction`, the Associated Token Account program.
"""

from base64 import b64encode
from collections.abc import Sequence

from solders.hash import Hash
from solders.instruction import AccountMeta, Instruction
from solders.keypair import Keypair
from solders.message import Message
from solders.pubkey import Pubkey
from solders.system_program import CreateAccountParams, TransferParams, create_account, transfer
from solders.token import ID as TOKEN_PROGRAM
from solders.token.associated import get_associated_token_address
from solders.transaction import Transaction

TOKEN_DECIMALS = 6
MINT_LENGTH = 82
"""Bytes of a mint's account, which its rent depends on."""

_ASSOCIATED_TOKEN_PROGRAM = Pubkey.from_string("ATokenGPvbdGVxr1b2hvZbsiqW5xWH25efTNsLJA8knL")
_COMPUTE_BUDGET_PROGRAM = Pubkey.from_string("ComputeBudget111111111111111111111111111111")
_SYSTEM_PROGRAM = Pubkey.from_string("11111111111111111111111111111111")
_INITIALIZE_MINT, _MINT_TO, _TRANSFER_CHECKED = b"\x14", b"\x07", b"\x0c"
_CREATE_IDEMPOTENT, _SET_UNIT_LIMIT = b"\x01", b"\x02"


def new_address() -> str:
    """Return a fresh address; its key is thrown away."""
    return str(Keypair().pubkey())


class Signer:
    """Signs the transactions of a payer.

    Args:
        secret: The payer's secret key, 64 bytes.
    """

    def __init__(self, secret: bytes) -> None:
        self._payer = Keypair.from_bytes(secret)
        self._wallet = self._payer.pubkey()

    @property
    def address(self) -> str:
        """The payer's address."""
        return str(self._wallet)

    def coins(self, to: str, lamports: int) -> list[Instruction]:
        """Return the instructions that transfer SOL."""
        parameters = TransferParams(from_pubkey=self._wallet, to_pubkey=Pubkey.from_string(to), lamports=lamports)
        return [transfer(parameters)]

    def tokens(self, to: str, mint: str, amount: int) -> list[Instruction]:
        """Return the instructions that transfer tokens.

        They create the receiver's token account if it is missing, as wallets do.
        """
        owner, token = Pubkey.from_string(to), Pubkey.from_string(mint)
        accounts = [
            AccountMeta(get_associated_token_address(self._wallet, token), False, True),
            AccountMeta(token, False, False),
            AccountMeta(get_associated_token_address(owner, token), False, True),
            AccountMeta(self._wallet, True, False),
        ]
        data = _TRANSFER_CHECKED + amount.to_bytes(8, "little") + bytes((TOKEN_DECIMALS,))
        return [self.account(owner, token), Instruction(TOKEN_PROGRAM, data, accounts)]

    def mint(self, mint: Keypair, supply: int, rent: int) -> list[Instruction]:
        """Return the instructions that create a mint of six decimals and give its whole supply to the payer."""
        token = mint.pubkey()
        account = CreateAccountParams(
            from_pubkey=self._wallet, to_pubkey=token, lamports=rent, space=MINT_LENGTH, owner=TOKEN_PROGRAM
        )
        rules = _INITIALIZE_MINT + bytes((TOKEN_DECIMALS,)) + bytes(self._wallet) + b"\0"
        holders = [
            AccountMeta(token, False, True),
            AccountMeta(get_associated_token_address(self._wallet, token), False, True),
            AccountMeta(self._wallet, True, False),
        ]
        return [
            create_account(account),
            Instruction(TOKEN_PROGRAM, rules, [AccountMeta(token, False, True)]),
            self.account(self._wallet, token),
            Instruction(TOKEN_PROGRAM, _MINT_TO + supply.to_bytes(8, "little"), holders),
        ]

    def signed(self, instructions: Sequence[Instruction], blockhash: str, salt: int, *others: Keypair) -> str:
        """Return a transaction in base64.

        Args:
            instructions: Its instructions.
            blockhash: The hash of a recent block.
            salt: Its limit of compute units, which makes two otherwise equal transactions differ.
            *others: Who signs besides the payer.
        """
        limit = Instruction(_COMPUTE_BUDGET_PROGRAM, _SET_UNIT_LIMIT + salt.to_bytes(4, "little"), [])
        message = Message([limit, *instructions], self._wallet)
        transaction = Transaction([self._payer, *others], message, Hash.from_string(blockhash))
        return b64encode(bytes(transaction)).decode()

    def account(self, owner: Pubkey, mint: Pubkey) -> Instruction:
        """Return the instruction that creates an owner's token account unless it exists."""
        accounts = [
            AccountMeta(self._wallet, True, True),
            AccountMeta(get_associated_token_address(owner, mint), False, True),
            AccountMeta(owner, False, False),
            AccountMeta(mint, False, False),
            AccountMeta(_SYSTEM_PROGRAM, False, False),
            AccountMeta(TOKEN_PROGRAM, False, False),
        ]
        return Instruction(_ASSOCIATED_TOKEN_PROGRAM, _CREATE_IDEMPOTENT, accounts)
