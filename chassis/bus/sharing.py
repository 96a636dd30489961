"""Who of a group reads which partition: even shares, and as few moves as possible when members come and go."""

from collections.abc import Collection, Mapping

Partition = tuple[str, int]


def share(
    partitions: Collection[Partition], members: Mapping[str, Collection[str]], held: Mapping[Partition, str]
) -> dict[Partition, str]:
    """The member that should read each partition.

    `members` maps a member to the topics it reads, `held` a partition to the member that reads it now. Every member
    computes the same answer from the same rows, so nobody has to lead. A partition no member wants is left out.
    """
    wanted = {
        partition: [member for member in sorted(members) if partition[0] in members[member]]
        for partition in sorted(partitions)
    }
    owners: dict[Partition, str] = {}
    loads = dict.fromkeys(members, 0)
    for partition, able in wanted.items():
        if (holder := held.get(partition)) in able and holder is not None:
            owners[partition] = holder
            loads[holder] += 1
    for partition, able in wanted.items():
        if able and partition not in owners:
            owners[partition] = min(able, key=lambda member: (loads[member], member))
            loads[owners[partition]] += 1
    _level(owners, loads, wanted)
    return owners


def _level(owners: dict[Partition, str], loads: dict[str, int], wanted: Mapping[Partition, list[str]]) -> None:
    """Move single partitions from the busiest to the idlest until no move makes shares more even."""
    moved = True
    while moved:
        moved = False
        for partition, owner in owners.items():
            idlest = min(wanted[partition], key=lambda member: (loads[member], member))
            if loads[owner] - loads[idlest] >= 2:
                owners[partition] = idlest
                loads[owner] -= 1
                loads[idlest] += 1
                moved = True
