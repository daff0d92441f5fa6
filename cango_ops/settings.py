"""Every setting of the console, in one place; what may differ between machines comes through env.py."""

from datetime import UTC, datetime
from pathlib import Path

import django_stubs_ext
import plotly

from cango_ops import env, schedule
from cango_ops.base.secret_key import credential_keys, secret_key

django_stubs_ext.monkeypatch()

BASE_DIR = Path(__file__).resolve().parent.parent
RUN_DIR = env.folder("RUN_DIR", BASE_DIR / ".run")

DEBUG = env.flag("DEBUG", False)
SECRET_KEY = env.secret("SECRET_KEY", 32) or secret_key(RUN_DIR)
CREDENTIAL_KEYS = env.fernet_keys("CREDENTIAL_KEYS") or credential_keys(RUN_DIR)
if SECRET_KEY in CREDENTIAL_KEYS:
    env.refuse("CREDENTIAL_KEYS", "...", "keys that are not CANGO_SECRET_KEY")
ALLOWED_HOSTS = env.fitting_words(
    "ALLOWED_HOSTS", ["localhost", "127.0.0.1", "[::1]"], rf"\*|{env.HOST}", "host names such as ops.example.com"
)
SECURE_COOKIES = env.flag("HTTPS", False)
HTTP_PORT = env.whole("HTTP_PORT", 8000, 1, 65535)

SWEEP_S = env.whole("SWEEP_S", 20, 5, 3600)
TELEMETRY_DETAIL_S = env.whole("DETAIL_S", 240, 0, 86_400)
COLLECTOR_SLOTS = env.whole("COLLECTOR_SLOTS", 4, 1, 256)
MOVED_PORTS = env.port_pairs("MOVED_PORTS")
MACHINE_NETWORKS = env.networks("MACHINE_NETWORKS", ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7"])
REDIS_URL = env.redis_url("REDIS_URL", "redis://127.0.0.1:6379/0")
NETWORK_URL = env.address_url("NETWORK_URL")
BITCOIN_RPC_URL = env.text("BITCOIN_RPC_URL", "", env.HTTP_URL, "a URL such as http://user:password@10.0.0.6:8332/")
PRICE_URLS = env.fitting_words(
    "PRICE_URLS", [], f"(coinbase|kraken|mempool)={env.HTTP_URL}", "coinbase=, kraken= or mempool= and a URL each"
)
CHAIN_URLS = env.fitting_words(
    "CHAIN_URLS", [], f"(core|core-wallet|esplora)={env.HTTP_URL}|electrum=(tcp|ssl){env.AT_HOST}",
    "core=, core-wallet= or esplora= and a URL with http or https, or electrum= and one with ssl or tcp",
)  # fmt: skip
POOLS = env.tables("POOLS", "pool", needs=("name", "operator", "provider"))
POWER_PRICE_URL = env.address_url("POWER_PRICE_URL")
PUBLIC_URL = env.text(
    "PUBLIC_URL", f"http://127.0.0.1:{HTTP_PORT}", env.HTTP_URL, "a URL such as https://ops.example.com"
).rstrip("/")
WEBHOOK_HOSTS = env.fitting_words("WEBHOOK_HOSTS", [], env.HOST, "host names such as hooks.example.com or .example.com")
WEBHOOK_NETWORKS = env.networks("WEBHOOK_NETWORKS", [])
HEARTBEAT_URL = env.text("HEARTBEAT_URL", "", env.HTTP_URL, "a URL such as https://hc-ping.com/...")

INSTALLED_APPS = [
    "cango_ops.base",
    "cango_ops.live",
    "cango_ops.alerts",
    "sites",
    "compute",
    "treasury",
    "cango_ops.web",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django_htmx",
    "django_filters",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "csp",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "cango_ops.web.headers.Headers",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "allauth.usersessions.middleware.UserSessionsMiddleware",
    "cango_ops.web.outage.Outage",
    "cango_ops.web.gate.SignedInOnly",
    "treasury.web.access.log.BooksReadLog",
]

ROOT_URLCONF = "cango_ops.urls"
ASGI_APPLICATION = "cango_ops.asgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

# One connection pool a process; a connection that the server dropped is noticed before it is handed out. The pool gives
# up an attempt to connect after two seconds and begins a new one, so that it is back as soon as the server is.
DATABASES = {"default": env.database("DATABASE_URL", "postgresql://cango@127.0.0.1:5432/cango")}
DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
DATABASES["default"]["OPTIONS"] |= {
    "connect_timeout": 5,
    "application_name": "cango_ops",
    "keepalives_idle": 10,
    "tcp_user_timeout": 10_000,
    "options": "-c statement_timeout=20000 -c idle_in_transaction_session_timeout=60000",
    "pool": {
        "min_size": 0,
        "max_size": env.whole("DATABASE_POOL", 16, 1, 500),
        "timeout": 4,
        "max_idle": 60,
        "reconnect_timeout": 2,
    },
}
# Whose the tables are, where that is another role than the console's; only `manage.py migrate` is told.
DATABASE_OWNER = env.other_database("DATABASE_OWNER_URL")
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"},
    "limits": {
        "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
        "LOCATION": "limits",
        "OPTIONS": {"MAX_ENTRIES": 50_000},
    },
}

USE_TZ = True
TIME_ZONE = "UTC"
USE_I18N = True
LANGUAGE_CODE = "en-gb"

# Sign-in
AUTH_USER_MODEL = "base.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "cango_ops.base.sign_in.ClosedSignUp"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_EMAIL_SUBJECT_PREFIX = "[Cango Ops] "
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes", "webauthn"]
MFA_TOTP_ISSUER = "Cango Ops"
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not SECURE_COOKIES
MAIL = env.mail_server("SMTP_URL")
EMAIL_BACKEND = f"django.core.mail.backends.{'smtp' if MAIL else 'console'}.EmailBackend"
EMAIL_TIMEOUT = 10
if MAIL:
    EMAIL_HOST, EMAIL_PORT, EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = MAIL.host, MAIL.port, MAIL.user, MAIL.password
    EMAIL_USE_SSL, EMAIL_USE_TLS = MAIL.is_tls, MAIL.starts_tls
MAIL_FROM = DEFAULT_FROM_EMAIL = env.text(
    "MAIL_FROM", "cango-ops@localhost", r"[^@\s<>]+@[^@\s<>]+", "an address such as console@example.com"
)
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
SESSION_ENGINE = "cango_ops.base.sessions"
SESSION_COOKIE_AGE = 12 * 3600  # without a request; the other end stands in the engine
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_COOKIES
SESSION_COOKIE_NAME = "__Host-session" if SECURE_COOKIES else "cango_session"
CSRF_COOKIE_NAME = "__Host-csrf" if SECURE_COOKIES else "cango_csrf"
CSRF_FAILURE_VIEW = "cango_ops.web.errors.csrf_failure"
CSRF_TRUSTED_ORIGINS = env.fitting_words(
    "TRUSTED_ORIGINS", [], r"https?://[\w.*\[\]:-]+", "origins such as https://ops.example.com, without a path"
)
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if SECURE_COOKIES else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_COOKIES
SECURE_HSTS_PRELOAD = SECURE_COOKIES
SECURE_SSL_REDIRECT = SECURE_COOKIES
SECURE_REDIRECT_EXEMPT = [r"^health/"]
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if SECURE_COOKIES else None
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "form-action": ["'self'"],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
        "manifest-src": ["'self'"],
    }
}

# Files for the browser come out of installed packages and cango_ops/static; nothing is fetched from elsewhere.
STATIC_URL = "/static/"
STATIC_ROOT = RUN_DIR / "static"
STATICFILES_DIRS = [
    BASE_DIR / "cango_ops" / "static",
    ("vendor/plotly", Path(plotly.__file__).parent / "package_data"),
]
COLLECTED_FILES = env.flag("COLLECTED_FILES", False)
WHITENOISE_USE_FINDERS = not COLLECTED_FILES
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "cango_ops.web.storage.HashedModules"
        if COLLECTED_FILES
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}

FILE_UPLOAD_HANDLERS = [
    "cango_ops.web.uploads.Limited",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "sites.web.token_authentication.TokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": [
        "rest_framework.permissions.IsAuthenticated",
        "sites.web.token_authentication.ScopeAllows",
    ],
    "DEFAULT_THROTTLE_CLASSES": ["cango_ops.base.limits.CallerLimit"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "DEFAULT_RENDERER_CLASSES": ["cango_ops.base.formats.Json"],
    "DEFAULT_PARSER_CLASSES": ["cango_ops.base.formats.SentJson"],
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "cango_ops.base.formats.Negotiation",
    "DEFAULT_METADATA_CLASS": None,
    "EXCEPTION_HANDLER": "cango_ops.base.problems.answer_with_problem",
    # Whose word counts for a caller's address: 0, the socket's; 1, the last proxy's.
    "NUM_PROXIES": 1 if SECURE_COOKIES else 0,
}
# Requests a minute, counted in each web process by itself.
API_LIMITS = {"token": 1200, "person": 1200, "address": 120, "wrong_key": 20}
SPECTACULAR_SETTINGS = {
    "TITLE": "Cango Ops",
    "DESCRIPTION": "What the console's pages show, for programs. The guide is docs/api.md.",
    "VERSION": "1",
    "OAS_VERSION": "3.1.1",
    "SCHEMA_PATH_PREFIX": "/api/v1/",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.IsAuthenticated"],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "ENUM_NAME_OVERRIDES": {
        "SiteKind": "sites.models.Site.Kind",
        "ContainerKind": "compute.models.Container.Kind",
        "MachineKind": ["asic", "gpu"],
        "State": "compute.models.device.State",
        "OrderState": "compute.models.Order.State",
        "CommandState": "compute.models.Command.State",
        "Verb": "compute.models.Verb",
        "Scope": "sites.models.ApiToken.Scope",
        "PlaceScope": ["fleet", "region", "site", "container", "device"],
        "NoteScope": ["site", "container", "device"],
        "AlertState": "cango_ops.alerts.models.Alert.State",
        "AlertSeverity": "cango_ops.alerts.models.Alert.Severity",
    },
    "POSTPROCESSING_HOOKS": ["drf_spectacular.hooks.postprocess_schema_enums", "cango_ops.base.schema.say_the_rest"],
}

CELERY_BROKER_URL = REDIS_URL
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_DEFAULT_QUEUE = "default"
CELERY_TASK_TIME_LIMIT = 300
CELERY_BROKER_TRANSPORT_OPTIONS = {"visibility_timeout": 3600, "socket_timeout": 10, "socket_keepalive": True}
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_SEND_TASK_EVENTS = False
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BEAT_SCHEDULE = schedule.beat(schedule.table(SWEEP_S, COLLECTOR_SLOTS), datetime.now(UTC))
CELERY_BEAT_SCHEDULE_FILENAME = str(RUN_DIR / "beat-schedule")

LOG_LEVEL = env.text(
    "LOG_LEVEL", "INFO", "(?i:debug|info|warning|error|critical)", "DEBUG, INFO, WARNING or ERROR"
).upper()
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    # Each failed attempt to connect is a line of the pool's; that the database is away is said once, elsewhere.
    "loggers": {"psycopg.pool": {"level": "ERROR"}},
    "root": {"handlers": ["stderr"], "level": LOG_LEVEL},
}
