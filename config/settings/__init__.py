"""Django's settings, by topic."""

from config.settings.base import *  # noqa: F403
from config.settings.data import *  # noqa: F403
from config.settings.desk import *  # noqa: F403
from config.settings.http import *  # noqa: F403
from config.settings.identity import *  # noqa: F403
from config.settings.outside import *  # noqa: F403
