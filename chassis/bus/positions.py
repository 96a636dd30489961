"""What a member of a Kafka group has committed and what it still has to commit."""

from collections.abc import Collection, Mapping

Partition = tuple[str, int]


class Positions:
    """What is known to be committed and what still has to be, for the partitions held."""

    def __init__(self) -> None:
        self.committed: dict[Partition, int | None] = {}
        self._owed: dict[Partition, int] = {}

    def owe(self, partition: Partition, upto: int) -> None:
        self._owed[partition] = max(upto, self._owed.get(partition, 0))

    def owed(self, held: Collection[Partition]) -> dict[Partition, int]:
        """Only for partitions held: the broker would let a member move the position of a partition it has lost."""
        self._owed = {partition: upto for partition, upto in self._owed.items() if partition in held}
        return dict(self._owed)

    def settle(self, paid: Mapping[Partition, int]) -> None:
        for partition, upto in paid.items():
            if self._owed.get(partition) == upto:
                del self._owed[partition]

    def forget(self, partitions: Collection[Partition]) -> None:
        for partition in partitions:
            self.committed.pop(partition, None)
            self._owed.pop(partition, None)
