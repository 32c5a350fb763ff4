"""Routes under /api/v1/, and the page behind the unsubscribe link."""

from django.urls import path

from apps.notifications import views

urlpatterns = [
    path("notifications/", views.NotificationList.as_view()),
    path("notifications/unread-count/", views.UnreadCount.as_view()),
    path("notifications/read-all/", views.ReadAll.as_view()),
    path("notifications/preferences/", views.Preferences.as_view()),
    path("notifications/<uuid:notification_id>/read/", views.ReadOne.as_view()),
]

pages = [path("unsubscribe/<str:token>/", views.unsubscribe, name="unsubscribe")]
