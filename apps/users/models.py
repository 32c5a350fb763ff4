"""Tables of users: people and the links mailed to them."""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.contrib.auth.hashers import Argon2PasswordHasher
from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Lower, Now

from apps.users import rules
from apps.users.types import LinkPurpose, Role
from learninghub.db import BaseModel


class OwaspArgon2Hasher(Argon2PasswordHasher):
    """Argon2id at 19 MiB, two passes, one lane.

    Source: OWASP Password Storage Cheat Sheet. With Django's own 100 MiB a rush of log-ins eats the memory.
    """

    time_cost = 2
    memory_cost = 19_456
    parallelism = 1


class UserManager(BaseUserManager["User"]):
    """What Django itself asks for: `createsuperuser` and finding a person by the name of log-in."""

    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(email=self.normalize_email(username))

    @classmethod
    def normalize_email(cls, email: str | None) -> str:
        try:
            return rules.normalise_email(email or "")
        except ValueError:
            return ""

    def create_superuser(self, *, email: str, password: str | None = None, **fields: Any) -> User:
        user = self.model(
            email=self.normalize_email(email),
            roles=[Role.STUDENT, Role.STAFF],
            is_superuser=True,
            email_verified_at=Now(),
            **fields,
        )
        user.set_password(password)
        user.save(using=self._db, force_insert=True)
        return user


class User(AbstractBaseUser, BaseModel):
    """One row a person; never deleted, because everything points here."""

    last_login = None

    email = models.EmailField(max_length=254, unique=True)
    display_name = models.CharField(max_length=120)
    roles = ArrayField(models.CharField(max_length=20), default=list)
    is_active = models.BooleanField(default=True)
    is_superuser = models.BooleanField(default=False)
    email_verified_at = models.DateTimeField(null=True, blank=True)
    credential_epoch = models.PositiveIntegerField(default=0)
    locale = models.CharField(max_length=7, default="en")
    time_zone = models.CharField(max_length=64, default="UTC")
    avatar_id = models.UUIDField(null=True, blank=True)
    terms_version = models.CharField(max_length=32, blank=True)
    terms_accepted_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS = ["display_name"]

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(email=Lower("email")), name="users_user_email_lower"),
            models.CheckConstraint(condition=models.Q(email__contains="@"), name="users_user_email_address"),
            models.CheckConstraint(condition=~models.Q(display_name=""), name="users_user_name_present"),
            models.CheckConstraint(
                condition=models.Q(roles__contained_by=[role.value for role in Role]),
                name="users_user_roles_known",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.display_name} <{self.email}>"

    @property
    def is_staff(self) -> bool:
        return Role.STAFF in self.roles

    @property
    def is_instructor(self) -> bool:
        return Role.INSTRUCTOR in self.roles

    @property
    def is_verified(self) -> bool:
        return self.email_verified_at is not None

    def has_perm(self, perm: str, obj: object = None) -> bool:
        return self.is_active and self.is_staff

    def has_perms(self, perm_list: list[str], obj: object = None) -> bool:
        return self.is_active and self.is_staff

    def has_module_perms(self, app_label: str) -> bool:
        return self.is_active and self.is_staff


class LinkRequest(BaseModel):
    """One link to be mailed: what it proves, for which address and until when; its token is never stored."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="link_requests")
    purpose = models.CharField(max_length=20)
    email = models.EmailField(max_length=254)
    credential_epoch = models.PositiveIntegerField()
    requested_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(purpose__in=[purpose.value for purpose in LinkPurpose]),
                name="users_linkrequest_purpose_known",
            ),
            models.CheckConstraint(
                condition=models.Q(expires_at__gt=models.F("requested_at")),
                name="users_linkrequest_expires_later",
            ),
        ]
        indexes = [
            models.Index(fields=["user", "purpose", "requested_at"], name="users_linkrequest_recent"),
            models.Index(fields=["expires_at"], name="users_linkrequest_expired"),
        ]

    def __str__(self) -> str:
        return f"{self.purpose} {self.id}"
