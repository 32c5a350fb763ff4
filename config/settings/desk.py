"""The admin: how it looks, and what stands in its sidebar."""

from django.templatetags.static import static

from config.admin.sidebar import SIDEBAR

LOGIN_REDIRECT_URL = "/admin/"
UNFOLD = {
    "SITE_TITLE": "Learning Hub",
    "SITE_HEADER": "Learning Hub",
    "SITE_SYMBOL": "school",
    "SITE_FAVICONS": [{"rel": "icon", "href": "data:,"}],
    "STYLES": [lambda request: static("learninghub/desk.css")],
    "SCRIPTS": [lambda request: static("learninghub/desk.js")],
    "SITE_URL": "/api/docs/",
    "SHOW_HISTORY": False,
    "SHOW_VIEW_ON_SITE": False,
    "BORDER_RADIUS": "6px",
    "COLORS": {
        "primary": {
            "50": "oklch(97.1% .014 216)",
            "100": "oklch(93.6% .032 216)",
            "200": "oklch(88.5% .062 216)",
            "300": "oklch(80.8% .105 216)",
            "400": "oklch(70.4% .126 216)",
            "500": "oklch(60.9% .118 216)",
            "600": "oklch(51% .1 216)",
            "700": "oklch(44% .085 216)",
            "800": "oklch(38.5% .07 216)",
            "900": "oklch(33.5% .058 216)",
            "950": "oklch(25% .045 216)",
        }
    },
    "SIDEBAR": {"show_search": False, "show_all_applications": False, "navigation": SIDEBAR},
}
