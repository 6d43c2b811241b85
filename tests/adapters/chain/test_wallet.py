"""Loading the hotkey."""

import os
from pathlib import Path

import pytest
from bittensor.keyfiles import Keyfile, Keypair

from adapters.chain.wallet import PASSWORD_VARIABLE, load_hotkey
from adapters.errors import OperatorError

KEY = Keypair.create_from_uri("//wallet-test")


def keyfile(folder: Path, password: str | None = None) -> Path:
    """Write KEY as hotkey `hot` of wallet `cold` below the folder."""
    place = folder / "cold" / "hotkeys" / "hot"
    Keyfile(place).set_keypair(KEY, encrypt=password is not None, password=password)
    return place


def test_a_plain_hotkey_signs(tmp_path: Path) -> None:
    """The key pair that comes back is the one in the file, and can sign."""
    keyfile(tmp_path)
    hotkey = load_hotkey("cold", "hot", tmp_path)
    assert hotkey.ss58_address == KEY.ss58_address
    assert KEY.verify(b"text", hotkey.sign(b"text"))


def test_a_locked_hotkey_opens_with_the_password_of_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The password comes by variable."""
    keyfile(tmp_path, password="open sesame")  # noqa: S106 - a password of this test alone
    monkeypatch.setenv(PASSWORD_VARIABLE, "open sesame")
    assert load_hotkey("cold", "hot", tmp_path).ss58_address == KEY.ss58_address


@pytest.mark.parametrize(
    ("password", "told"),
    [("", f"locked.*{PASSWORD_VARIABLE}.*--wallet.hotkey"), ("wrong", f"{PASSWORD_VARIABLE} holds another")],
)
def test_a_hotkey_that_stays_locked_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, password: str, told: str
) -> None:
    """Nothing is asked on the terminal: the operator is told which variable to set."""
    keyfile(tmp_path).write_bytes(b"$NACL" + bytes(80))
    monkeypatch.setenv(PASSWORD_VARIABLE, password)
    with pytest.raises(OperatorError, match=told):
        load_hotkey("cold", "hot", tmp_path)


def test_a_missing_hotkey_is_told_with_flags_and_place(tmp_path: Path) -> None:
    """The operator sees where it was looked for, by which flags, and how to make one."""
    with pytest.raises(OperatorError) as caught:
        load_hotkey("cold", "hot", tmp_path)
    message = str(caught.value)
    for part in ("--wallet.name cold", "--wallet.hotkey hot", "--wallet.path", str(tmp_path), "btcli"):
        assert part in message
    assert "\n" not in message


@pytest.mark.parametrize("data", [b"", b"hello", b'{"a": 1}', b"\xff\xfe"])
def test_a_file_that_holds_no_key_is_refused(tmp_path: Path, data: bytes) -> None:
    """Whatever is in the file, the answer is one line that names it."""
    place = keyfile(tmp_path)
    place.write_bytes(data)
    with pytest.raises(OperatorError, match="holds no hotkey"):
        load_hotkey("cold", "hot", tmp_path)


def test_a_public_key_alone_is_refused(tmp_path: Path) -> None:
    """A key that cannot sign is found out at once, not at the first weights."""
    place = tmp_path / "cold" / "hotkeys" / "hot"
    Keyfile(place).set_keypair(Keypair(ss58_address=KEY.ss58_address), encrypt=False)
    with pytest.raises(OperatorError, match="public key alone"):
        load_hotkey("cold", "hot", tmp_path)


@pytest.mark.parametrize("name", ["", "..", "a/b", "/etc"])
def test_names_that_are_paths_are_refused(tmp_path: Path, name: str) -> None:
    """A name never leads out of the wallet folder."""
    with pytest.raises(OperatorError, match=r"--wallet\.name"):
        load_hotkey(name, "hot", tmp_path)
    with pytest.raises(OperatorError, match=r"--wallet\.hotkey"):
        load_hotkey("cold", name, tmp_path)


def test_an_unreadable_hotkey_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file of another user is named with the remedy."""
    keyfile(tmp_path)
    monkeypatch.setattr(
        os, "access", lambda *_: False
    )  # root reads everything, so permissions alone prove nothing
    with pytest.raises(OperatorError, match="not readable"):
        load_hotkey("cold", "hot", tmp_path)
