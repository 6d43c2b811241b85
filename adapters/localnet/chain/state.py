"""Typed access to the store: `StateView` reads one block, `State` also writes the block being built."""

from collections.abc import Hashable, Iterator
from typing import TypeVar

from adapters.localnet.chain import storage
from adapters.localnet.chain.storage import Item
from adapters.localnet.chain.store import Params, VersionedStore
from core.types import Block, Hotkey, Uid

V = TypeVar("V")


class StateView:
    """The state at the end of one block. `netuid` is the only subnet there is."""

    def __init__(self, store: VersionedStore, netuid: int, block: int) -> None:
        self._store = store
        self._block = block
        self.netuid = netuid

    @property
    def block(self) -> Block:
        return Block(self._block)

    def get(self, item: Item[V], *params: Hashable) -> V:
        """The value, or the item's default."""
        value = self._store.get((item.pallet, item.name), params, self.block)
        return item.default if value is None else value  # type: ignore[return-value]  # put() takes only V

    def present(self, item: Item[V], *params: Hashable) -> V | None:
        """The value, or None where nothing was ever put."""
        return self._store.get((item.pallet, item.name), params, self.block)  # type: ignore[return-value]  # put() takes only V

    def keys(self, item: Item[V]) -> Iterator[Params]:
        """Parameters of all entries of a map."""
        for params, _ in self._store.entries((item.pallet, item.name), self.block):
            yield params

    def hyper(self, item: Item[V]) -> V:
        """A value that the subnet has once: a hyperparameter, or a vector by uid."""
        return self.get(item, self.netuid)

    def subnet(self, item: Item[V]) -> V:
        """A hyperparameter, whether the subnet has it or the whole chain."""
        return self.get(item, self.netuid) if item.keys else self.get(item)

    def spec_version(self) -> int:
        """The version of the runtime, which clients sign for."""
        return self.get(storage.LAST_RUNTIME_UPGRADE).spec_version

    def owner_uid(self) -> Uid | None:
        """The uid of the subnet owner's hotkey, None where it has none."""
        return self.uid_of(self.hyper(storage.SUBNET_OWNER_HOTKEY))

    def uid_of(self, hotkey: Hotkey) -> Uid | None:
        uid = self.get(storage.UIDS, self.netuid, hotkey)
        return None if uid is None else Uid(uid)

    def hotkeys(self) -> tuple[Hotkey, ...]:
        """Registered hotkeys, by uid."""
        count = self.hyper(storage.SUBNETWORK_N)
        return tuple(self.get(storage.KEYS, self.netuid, uid) for uid in range(count))

    def commit_epochs(self) -> list[int]:
        """Epochs of which sealed weights wait, oldest first."""
        return sorted(int(str(epoch)) for _, epoch in self.keys(storage.TIMELOCKED_WEIGHT_COMMITS))

    def stake_rao(self, hotkey: Hotkey) -> int:
        return self.get(storage.TOTAL_HOTKEY_ALPHA, hotkey, self.netuid)


class State(StateView):
    """The state of the block being built: reads see what the block has written so far."""

    @property
    def block(self) -> Block:
        return Block(self._store.head)

    def put(self, item: Item[V], value: V, *params: Hashable) -> None:
        self._store.put((item.pallet, item.name), params, value)

    def delete(self, item: Item[V], *params: Hashable) -> None:
        self._store.put((item.pallet, item.name), params, None)

    def set_hyper(self, item: Item[V], value: V) -> None:
        self.put(item, value, self.netuid)

    def set_subnet(self, item: Item[V], value: V) -> None:
        """Set a hyperparameter, whether the subnet has it or the whole chain."""
        self.put(item, value, *((self.netuid,) if item.keys else ()))

    def set_for_uid(self, vector: Item[tuple[V, ...]], uid: int, value: V) -> None:
        """One place of a vector by uid; a place just beyond its end is added."""
        old = self.hyper(vector)
        self.set_hyper(vector, (*old[:uid], value, *old[uid + 1 :]))

    def add_stake(self, hotkey: Hotkey, amount_rao: int) -> None:
        self.put(storage.TOTAL_HOTKEY_ALPHA, self.stake_rao(hotkey) + amount_rao, hotkey, self.netuid)
