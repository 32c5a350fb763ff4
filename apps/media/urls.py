"""Routes under /api/v1/."""

from django.urls import URLPattern, path

from apps.media import views

urlpatterns: list[URLPattern] = [
    path("media/", views.AssetList.as_view()),
    path("media/quota/", views.Quota.as_view()),
    path("media/uploads/", views.UploadList.as_view()),
    path("media/uploads/<uuid:asset_id>/form/", views.UploadForm.as_view()),
    path("media/uploads/<uuid:asset_id>/complete/", views.CompleteUpload.as_view()),
    path("media/<uuid:asset_id>/", views.AssetDetail.as_view()),
    path("media/<uuid:asset_id>/file/", views.AssetFile.as_view()),
]
