"""Who people are: the user, their passwords, and the keys that sign."""

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from config import front
from config.env import env


def _new_signing_key() -> str:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()


AUTH_USER_MODEL = "users.User"
AUTHENTICATION_BACKENDS = ["apps.auth.admin.StaffBackend"]
PASSWORD_HASHERS = ["apps.users.models.OwaspArgon2Hasher"]
JWT_SIGNING_KEYS = env.signing_keys(_new_signing_key)
CALLER_KEY = front.CALLER_KEY
SESSION_POLL_SECONDS = 2.0
LOGIN_URL = "/admin/login/"
