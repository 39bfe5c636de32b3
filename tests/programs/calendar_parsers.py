"""What four independent programs make of an iCalendar file: a line each, `name events` or `name ERROR reason`.

Usage: calendar_parsers.py FILE [ICAL_JS]; ICAL_JS is the ES module of ical.js, which runs in node.
"""

import ctypes
import ctypes.util
import subprocess
import sys
import warnings


def libical(data):
    lib = ctypes.CDLL("libical.so.3")
    lib.icalparser_parse_string.restype = ctypes.c_void_p
    lib.icalparser_parse_string.argtypes = [ctypes.c_char_p]
    lib.icalcomponent_count_errors.argtypes = [ctypes.c_void_p]
    lib.icalcomponent_count_components.argtypes = [ctypes.c_void_p, ctypes.c_int]
    component = lib.icalparser_parse_string(data)
    if not component:
        raise ValueError("no component")
    errors = lib.icalcomponent_count_errors(component)
    if errors:
        raise ValueError(f"{errors} errors")
    vevent = 4
    return lib.icalcomponent_count_components(component, vevent)


def icalendar(data):
    import icalendar

    calendar = icalendar.Calendar.from_ical(data)
    errors = [error for component in calendar.walk() for error in component.errors]
    if errors:
        raise ValueError(errors)
    return len(calendar.walk("VEVENT"))


def ical(data):
    from ical.calendar_stream import IcsCalendarStream

    return len(IcsCalendarStream.calendar_from_ics(data.decode()).events)


ICAL_JS = """
import fs from "node:fs";
const ICAL = (await import(process.argv[1])).default;
const calendar = new ICAL.Component(ICAL.parse(fs.readFileSync(0, "utf8")));
const walk = (component) => {
  component.getAllProperties().forEach((property) => property.getValues().map(String));
  component.getAllSubcomponents().forEach(walk);
};
walk(calendar);
console.log(calendar.getAllSubcomponents("vevent").length);
"""


def ical_js(data, module):
    command = ["node", "--input-type=module", "-e", ICAL_JS, module]
    done = subprocess.run(command, input=data, capture_output=True)
    if done.returncode or done.stderr:
        raise ValueError(done.stderr.decode().strip().replace("\n", " | "))
    return int(done.stdout)


def main():
    warnings.simplefilter("error")
    with open(sys.argv[1], "rb") as file:
        data = file.read()
    readers = {"libical": libical, "icalendar": icalendar, "ical": ical}
    if len(sys.argv) > 2:
        readers["ical.js"] = lambda data: ical_js(data, sys.argv[2])
    for name, read in readers.items():
        try:
            print(name, read(data))
        except Exception as error:
            print(name, "ERROR", type(error).__name__, str(error).replace("\n", " | ")[:400])


main()
