"""The day on which each record's text came in as it stands: kept beside the record, since a later
search may bring another abstract, and an import names the day of the search that it exports.
"""

from __future__ import annotations

from collections.abc import Mapping

from review.model.record import Arrival, Record, Volatile


def with_arrivals(
    fresh: Mapping[str, Volatile],
    records: Mapping[str, Record],
    earlier: Mapping[str, Volatile],
    held: Mapping[str, Record],
    day: str,
) -> dict[str, Volatile]:
    """Volatile fields with the day on which title and abstract came as they stand.

    A text that is known keeps its day. One that was held without a day gets none: nobody can tell
    it any more.

    :param fresh: after a run, by record id, and ``records`` then
    :param earlier: before it, and the records ``held`` then
    :param day: of the run
    """
    found = dict(fresh)
    for one, record in records.items():
        if one not in fresh:
            continue
        came = earlier[one].came if one in earlier else None
        if came is None or came.text != record.text_mark:
            unknown = one in held and held[one].text_mark == record.text_mark
            came = None if unknown else Arrival(day=day, text=record.text_mark)
        found[one] = fresh[one].model_copy(update={"came": came})
    return found
