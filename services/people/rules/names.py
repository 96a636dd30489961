"""Full names as files use them to say who somebody's manager is: compared whole, without case and outer blanks."""

from services.people.rules.fields import folded


def name_key(name: str) -> str:
    """A name as it is compared."""
    return " ".join(folded(name).split())


def full_names(display: str | None, given: str | None, family: str | None) -> set[str]:
    """The keys somebody answers to: the display name, and given name and family name together."""
    whole = f"{given} {family}" if given and family else None
    return {name_key(name) for name in (display, whole) if name}


def asked_for(name: str) -> tuple[str, ...]:
    """The keys a cell may mean, the likeliest first: as written, and “Okoye, Amara” as “Amara Okoye”."""
    family, comma, given = name.partition(",")
    if comma and given.strip() and "," not in given:
        return name_key(name), name_key(f"{given} {family}")
    return (name_key(name),)
