"""The sentences that say what was odd about a mail.

They are marked for translation and translated where they are shown: this package knows no Django.
"""


def gettext_noop(sentence: str) -> str:
    """Mark a sentence for the catalogue; the name is the one that makemessages looks for."""
    return sentence


EMPTY = gettext_noop("The mail is empty.")
NO_HEADERS = gettext_noop("The mail has no headers; everything in it was taken as its text.")
HEADERS_CUT = gettext_noop("The mail has more headers than we read; the rest was left out.")
HEADER_CUT = gettext_noop("A header is longer than we read; its end was left out.")
TOO_MANY_PARTS = gettext_noop("The mail has more parts than we read; the rest was left out.")
TOO_DEEP = gettext_noop("The mail is nested deeper than we read; the inner part is attached as is.")
NO_BOUNDARY = gettext_noop("The mail says that it has parts, but they cannot be told apart.")
NO_SENDER = gettext_noop("The mail does not say who sent it.")
BAD_DATE = gettext_noop("The date of the mail cannot be read.")
ADDRESSES_CUT = gettext_noop("The mail names more addresses than we read; the rest was left out.")
BAD_BASE64 = gettext_noop("A part of the mail is damaged; what could be decoded is shown.")
BAD_CHARSET = gettext_noop("Some characters could not be read and are shown as �.")
HTML_TOO_LARGE = gettext_noop(
    "The formatted text is too large or too deeply nested to show; it is attached as a file."
)
HTML_FAILED = gettext_noop("The formatted text could not be cleaned; it is attached as a file.")
TEXT_CUT = gettext_noop("The text is longer than we show; all of it is attached as a file.")
QUOTE_FAILED = gettext_noop("The quoted text could not be told from the new words.")
AUTOMATIC_FAILED = gettext_noop("It could not be told whether a machine wrote this mail.")
TOO_MUCH_TIME = gettext_noop("Reading the mail took too long and was stopped.")
TOO_MUCH_MEMORY = gettext_noop("Reading the mail needed too much memory and was stopped.")
READER_DIED = gettext_noop("Reading the mail broke off unexpectedly.")
READER_MISSING = gettext_noop("The part that reads mail could not be started.")
