"""What two independent programs read in a VFREEBUSY: a line for each period, `name FBTYPE start/end`, in the order of the file.

Usage: free_busy.py FILE
"""

import ctypes
import sys
import warnings


def libical(data):
    lib = ctypes.CDLL("libical.so.3")
    for name in ["icalparser_parse_string", "icalcomponent_get_first_component", "icalcomponent_get_first_property",
                 "icalcomponent_get_next_property"]:
        getattr(lib, name).restype = ctypes.c_void_p
    for name in ["icalproperty_get_value_as_string", "icalproperty_get_parameter_as_string"]:
        getattr(lib, name).restype = ctypes.c_char_p
    component = ctypes.c_void_p(lib.icalparser_parse_string(data))
    errors = lib.icalcomponent_count_errors(component)
    assert not errors, f"{errors} errors"
    freebusy, kind = lib.icalproperty_string_to_kind(b"FREEBUSY"), lib.icalcomponent_string_to_kind(b"VFREEBUSY")
    inner = ctypes.c_void_p(lib.icalcomponent_get_first_component(component, kind))
    line = lib.icalcomponent_get_first_property(inner, freebusy)
    while line:
        line = ctypes.c_void_p(line)
        fbtype = lib.icalproperty_get_parameter_as_string(line, b"FBTYPE").decode()
        yield fbtype, lib.icalproperty_get_value_as_string(line).decode()
        line = lib.icalcomponent_get_next_property(inner, freebusy)


def icalendar(data):
    import icalendar

    calendar = icalendar.Calendar.from_ical(data)
    errors = [error for component in calendar.walk() for error in component.errors]
    assert not errors, errors
    [report] = calendar.walk("VFREEBUSY")
    for name in ["UID", "DTSTAMP", "ORGANIZER", "DTSTART", "DTEND"]:
        assert name in report, name
    lines = report["FREEBUSY"]
    for line in lines if isinstance(lines, list) else [lines]:
        start, end = line.dt
        assert start.utcoffset().total_seconds() == 0 and end > start
        yield str(line.params["FBTYPE"]), f"{start:%Y%m%dT%H%M%SZ}/{end:%Y%m%dT%H%M%SZ}"


def main():
    warnings.simplefilter("error")
    with open(sys.argv[1], "rb") as file:
        data = file.read()
    for name, read in {"libical": libical, "icalendar": icalendar}.items():
        for fbtype, period in read(data):
            print(name, fbtype, period)


main()
