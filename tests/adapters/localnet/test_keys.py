"""Development keys and the wallets made of them."""

import stat
from pathlib import Path

import pytest
from bittensor.wallet import Wallet

from adapters.localnet.keys import miner_keys, spare_keys, validator_keys, write_wallet
from effects.ports import Fault


def test_keys_are_the_same_everywhere() -> None:
    """A name must give the same two keys on every machine."""
    assert validator_keys(0).hotkey_ss58 == "5D7g1a6Bfk1QWSDMQKDyW9DLptJoHxbFX6mCgiCzomERKKNS"
    assert validator_keys(0).coldkey_ss58 != validator_keys(0).hotkey_ss58


def test_no_two_neurons_share_a_key() -> None:
    """Validators, miners and the neuron that waits for one must all have keys of their own."""
    validators = [validator_keys(index) for index in range(3)]
    everyone = [*validators, *(miner_keys(index) for index in range(27)), spare_keys()]
    assert len({keys.hotkey_ss58 for keys in everyone} | {keys.coldkey_ss58 for keys in everyone}) == 62


def test_a_wallet_opens_without_a_password(tmp_path: Path) -> None:
    """The SDK must read a written wallet, sign with both keys, and find every file closed to others."""
    keys = validator_keys(1)
    write_wallet(keys, tmp_path)
    wallet = Wallet(name="validator2", hotkey="default", path=str(tmp_path))
    assert wallet.hotkey.ss58_address == keys.hotkey_ss58
    assert wallet.coldkeypub.ss58_address == keys.coldkey_ss58
    assert keys.coldkey.verify(b"x", wallet.coldkey.sign(b"x"))
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert len(files) == 3
    assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o600}


def test_a_wallet_is_written_twice(tmp_path: Path) -> None:
    """Writing the same wallet again must change nothing."""
    write_wallet(validator_keys(0), tmp_path)
    before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")}
    write_wallet(validator_keys(0), tmp_path)
    assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")} == before


def test_another_wallet_is_never_replaced(tmp_path: Path) -> None:
    """A file that holds another key must be left alone, and named."""
    write_wallet(validator_keys(0), tmp_path)
    other = tmp_path / "validator" / "hotkeys" / "default"
    stranger = (tmp_path / "validator" / "coldkey").read_bytes()
    other.write_bytes(stranger)
    with pytest.raises(Fault, match=str(other)):
        write_wallet(validator_keys(0), tmp_path)
    assert other.read_bytes() == stranger
