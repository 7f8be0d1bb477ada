"""The rows of this room."""

from goodword.notifying.models.channel import Channel as Channel
from goodword.notifying.models.channel import Push as Push
from goodword.notifying.models.notification import Notification as Notification
from goodword.notifying.models.notification import seen as seen
from goodword.notifying.models.notification import unsee as unsee
from goodword.notifying.models.preferences import Preferences as Preferences
from goodword.notifying.models.reading import ReadElsewhere as ReadElsewhere
from goodword.notifying.models.reading import Reading as Reading
