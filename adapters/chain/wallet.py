"""The hotkey, read once from the wallet's file. Never asks a question: what is missing is said in one line."""

import os
from pathlib import Path
from typing import Protocol

from adapters.errors import OperatorError

PASSWORD_VARIABLE = "BT_WALLET_PASSWORD"  # noqa: S105 - the name of a variable, not a secret


class Signer(Protocol):
    """A key that signs; the SDK's key pairs are such, and all that is needed of them."""

    @property
    def ss58_address(self) -> str: ...

    @property
    def public_key(self) -> bytes: ...

    @property
    def crypto_type(self) -> int:
        """0 for ed25519, 1 for sr25519."""
        ...

    def sign(self, payload: bytes) -> bytes: ...


def load_hotkey(name: str, hotkey: str, path: Path) -> Signer:
    """The key pair in `path/name/hotkeys/hotkey`.

    Raises:
        OperatorError: the file is missing, unreadable, locked without a password, or no key file.
    """
    for flag, value in (("--wallet.name", name), ("--wallet.hotkey", hotkey)):
        if not value or Path(value).name != value:
            raise OperatorError(f"{flag} {value!r} is no plain name: give the name alone, without a path")
    place = path.expanduser() / name / "hotkeys" / hotkey
    _require_file(place, name, hotkey, path)
    return _read(place)


def _require_file(place: Path, name: str, hotkey: str, path: Path) -> None:
    if not place.is_file():
        raise OperatorError(
            f"no hotkey at {place}: --wallet.name {name} --wallet.hotkey {hotkey} --wallet.path {path} must name a "
            "wallet that exists; `btcli wallet new-hotkey` makes a hotkey"
        )
    if not os.access(place, os.R_OK):
        raise OperatorError(f"the hotkey at {place} is not readable: let this user read it (chmod 600)")


def _read(place: Path) -> Signer:
    import bittensor_core as core  # type: ignore[import-untyped]  # compiled, and comes without stubs

    data = place.read_bytes()
    try:
        if core.keyfile_data_is_encrypted(data):
            data = bytes(core.decrypt_keyfile_data(data, _password(place)))
        keypair: Signer = core.deserialize_keypair_from_keyfile_data(data)
        keypair.sign(b"")
    except core.WrongPasswordError:
        raise OperatorError(
            f"the hotkey at {place} does not open: {PASSWORD_VARIABLE} holds another password"
        ) from None
    except core.KeyfileError as error:
        raise OperatorError(
            f"{place} holds no hotkey ({error}): restore it, or choose another --wallet.hotkey"
        ) from None
    except ValueError:
        raise OperatorError(
            f"{place} holds a public key alone, which cannot sign: give --wallet.hotkey the name of the whole key"
        ) from None
    return keypair


def _password(place: Path) -> str:
    password = os.environ.get(PASSWORD_VARIABLE, "")
    if not password:
        raise OperatorError(
            f"the hotkey at {place} is locked: put its password into the environment variable {PASSWORD_VARIABLE}, "
            "or choose a hotkey without one by --wallet.hotkey"
        )
    return password
