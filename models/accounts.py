"""Who uses the hub, and their log-ins."""

from tortoise import fields
from tortoise.models import Model


class UserModel(Model):
    """An account. ``email`` is stored in lower case; ``phone_number`` is null for those made by a command.

    ``verified_at`` is when its owner proved that the e-mail is theirs; ``password_confirmed_at`` when whoever has the
    mailbox, or an operator, confirmed that the password is its owner's: anybody may have registered the address. Both
    are needed for a role. ``logged_in_at`` is the last log-in whose session is not kept any more (hub.store.retention);
    null: all are kept. ``revision`` counts the changes that its owner sees (the trigger ``users_count_changes``). An
    erased account keeps its id and its numbers.
    """

    id = fields.BigIntField(primary_key=True)
    email = fields.CharField(max_length=254, unique=True)
    phone_number = fields.CharField(max_length=32, unique=True, null=True)
    full_name = fields.CharField(max_length=255)
    password_hash = fields.CharField(max_length=255)
    role = fields.CharField(max_length=5)
    language = fields.CharField(max_length=8)
    revision = fields.IntField(db_default=1)
    created_at = fields.DatetimeField()
    changed_at = fields.DatetimeField(db_index=True)
    verified_at = fields.DatetimeField(null=True)
    password_confirmed_at = fields.DatetimeField(null=True)
    disabled_at = fields.DatetimeField(null=True)
    erased_at = fields.DatetimeField(null=True)
    logged_in_at = fields.DatetimeField(null=True)

    class Meta:
        table = "users"


class SessionModel(Model):
    """One log-in, from ``created_at`` until ``ended_at``; its id is the token's ``sid``."""

    id = fields.BigIntField(primary_key=True)
    user: fields.ForeignKeyRelation[UserModel] = fields.ForeignKeyField("models.UserModel", related_name="sessions")
    created_at = fields.DatetimeField(db_index=True)
    ended_at = fields.DatetimeField(null=True)

    class Meta:
        table = "sessions"


class AccountTokenModel(Model):
    """What a link in a mail proves: that its reader has the mailbox. ``digest`` is SHA-256 of the token, in hex."""

    id = fields.BigIntField(primary_key=True)
    user: fields.ForeignKeyRelation[UserModel] = fields.ForeignKeyField(
        "models.UserModel", related_name="tokens", db_index=True
    )
    kind = fields.CharField(max_length=6)
    digest = fields.CharField(max_length=64, unique=True)
    expires_at = fields.DatetimeField()
    used_at = fields.DatetimeField(null=True)

    class Meta:
        table = "account_tokens"
