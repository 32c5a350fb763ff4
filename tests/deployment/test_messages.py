"""Translations are compiled as gettext's own tools would."""

import gettext
import io

from scripts.compile_messages import compiled, messages

PO = r"""# German
#, fuzzy
msgid ""
msgstr ""
"Content-Type: text/plain; charset=UTF-8\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\n"

#: apps/courses/models.py
msgid "Course"
msgstr "Kurs"

msgctxt "of study"
msgid "Course"
msgstr "Studiengang"

#, python-format
msgid "%(count)s lesson"
msgid_plural "%(count)s lessons"
msgstr[0] "%(count)s Lektion"
msgstr[1] "%(count)s Lektionen"

msgid ""
"Dear \"%(name)s\",\n"
"welcome."
msgstr ""
"Hallo „%(name)s“,\n"
"willkommen."

#, fuzzy
msgid ""
"Quiz"
msgstr "Rätsel"

msgid "Untranslated"
msgstr ""

#~ msgid "Gone"
#~ msgstr "Fort"
"""


def test_every_kind_of_entry_is_found_again() -> None:
    german = gettext.GNUTranslations(io.BytesIO(compiled(messages(PO))))
    assert german.gettext("Course") == "Kurs"
    assert german.pgettext("of study", "Course") == "Studiengang"
    assert [german.ngettext("%(count)s lesson", "%(count)s lessons", number) for number in (1, 3)] == [
        "%(count)s Lektion",
        "%(count)s Lektionen",
    ]
    assert german.gettext('Dear "%(name)s",\nwelcome.') == "Hallo „%(name)s“,\nwillkommen."
    assert [german.gettext(left) for left in ("Quiz", "Untranslated", "Gone")] == ["Quiz", "Untranslated", "Gone"]
