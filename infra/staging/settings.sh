#!/usr/bin/env bash
# Writes what compose.staging.yaml is started with, from Parameter Store to a file in memory that root alone reads.
# On the staging machine, before `docker compose up`: infra/staging/settings.sh [FILE]. infra/put_parameters.py made the parameters.
set -euo pipefail
umask 077
place=/learninghub/staging
file=${1:-/run/learninghub/settings.env}

parameter() { aws ssm get-parameter --with-decryption --name "$place/$1" --query Parameter.Value --output text; }

given() { # NAME: its value, or nothing where nobody gave one
    local words
    if words=$(parameter "$1" 2>&1); then printf '%s' "$words"; return; fi
    [[ $words == *ParameterNotFound* ]] || { printf '%s\n' "$words" >&2; return 1; }
}

setting() { # NAME VALUE: in single quotes compose takes every character as it is
    [[ $2 != *\'* ]] || { echo "$1: a quote cannot be written" >&2; return 1; }
    [[ -z $2 ]] || printf "%s='%s'\n" "$1" "${2//$'\n'/\\n}"
}

secret_key=$(parameter app/secret-key)
signing_keys=$(parameter app/jwt-signing-keys)
database=$(parameter database/password)
broker=$(parameter broker/password)
bucket=$(parameter media/bucket)
email_url=$(given app/email-url)
sentry_dsn=$(given app/sentry-dsn)
stripe_key=$(given payments/stripe-secret-key)
stripe_webhook=$(given payments/stripe-webhook-secret)

install -d -m 700 "$(dirname "$file")"
draft=$(mktemp "$file.XXXXXX")
trap 'rm -f "$draft"' EXIT
{
    setting SECRET_KEY "$secret_key"
    setting JWT_SIGNING_KEYS "$signing_keys"
    setting DATABASE_URL "postgres://hub:$database@postgres:5432/hub"
    setting REDIS_URL redis://redis:6379/0
    setting AMQP_URL "amqp://hub:$broker@rabbitmq:5672//"
    setting S3_BUCKET "$bucket"
    setting EMAIL_URL "$email_url"
    setting SENTRY_DSN "$sentry_dsn"
    setting STRIPE_SECRET_KEY "$stripe_key"
    setting STRIPE_WEBHOOK_SECRET "$stripe_webhook"
    setting SITE_URL http://localhost:8080 # by Session Manager's port forwarding: no port of the machine is open
    setting ALLOWED_HOSTS nginx
    setting TRUSTED_PROXIES 1
    setting POSTGRES_USER hub
    setting POSTGRES_PASSWORD "$database"
    setting POSTGRES_DB hub
    setting RABBITMQ_DEFAULT_USER hub
    setting RABBITMQ_DEFAULT_PASS "$broker"
} >"$draft"
mv "$draft" "$file"
