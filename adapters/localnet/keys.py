"""Development keys of the local subnet, and wallets made of them.

Rules:
- Every key follows from its name by a public derivation path: anybody can make it. Such a key must never hold anything of worth.
- Wallets are written only below the folder that the caller names, unencrypted, readable by their owner alone.
"""

from pathlib import Path

import attrs
from bittensor.keyfiles import Keyfile, Keypair
from bittensor.wallet import Wallet

from core.types import Hotkey
from effects.ports import Fault

WALLET_HOTKEY = "default"


@attrs.frozen
class NeuronKeys:
    """The two keys of one neuron of the local subnet, and the name its wallet has."""

    name: str
    coldkey: Keypair
    hotkey: Keypair

    @property
    def hotkey_ss58(self) -> Hotkey:
        return Hotkey(self.hotkey.ss58_address)

    @property
    def coldkey_ss58(self) -> str:
        return str(self.coldkey.ss58_address)


def development_keys(name: str) -> NeuronKeys:
    """The keys that belong to this name; the same on every machine."""
    path = f"//localnet//{name}"
    return NeuronKeys(name, Keypair.create_from_uri(path), Keypair.create_from_uri(f"{path}//hotkey"))


def validator_keys(index: int) -> NeuronKeys:
    """Keys of a validator, counted from 0; the first has the wallet name `validator`, the next `validator2`."""
    return development_keys("validator" if index == 0 else f"validator{index + 1}")


def miner_keys(index: int) -> NeuronKeys:
    """Keys of a miner, counted from 0."""
    return development_keys(f"miner{index}")


def spare_keys() -> NeuronKeys:
    """Keys of the neuron that is registered for a miner of one's own; its wallet has the name `miner`."""
    return development_keys("miner")


def write_wallet(keys: NeuronKeys, folder: Path) -> None:
    """Write `folder/NAME/{coldkey,coldkeypub.txt,hotkeys/default}`, mode 0600, without a password.

    Raises:
        Fault: another key has that file already; nothing is replaced.
    """
    wallet = Wallet(name=keys.name, hotkey=WALLET_HOTKEY, path=str(folder))
    public = Keypair(ss58_address=keys.coldkey_ss58)
    for file, keypair in (
        (wallet.coldkeypub_file, public),
        (wallet.coldkey_file, keys.coldkey),
        (wallet.hotkey_file, keys.hotkey),
    ):
        _write_key(file, keypair)


def _write_key(file: Keyfile, keypair: Keypair) -> None:
    if not file.exists_on_device():
        file.set_keypair(keypair, encrypt=False)
        return
    if file.is_encrypted() or file.get_keypair().ss58_address != keypair.ss58_address:
        raise Fault(f"{file.path} holds another key: name an empty folder for the local subnet's wallets")
