"""Names of the browser's files in production: each carries the hash of its content, so that it may be kept for ever."""

from whitenoise.storage import CompressedManifestStaticFilesStorage


class HashedModules(CompressedManifestStaticFilesStorage):
    """Rewrites what our own modules import to the hashed names, and leaves the scripts of installed packages alone.

    Those are bundles without imports. Source maps are not followed: some wheels name maps that they do not hold, which
    would stop the collection.
    """

    support_js_module_import_aggregation = True
    _js_module_import_aggregation_patterns = (
        "js/*.js",
        CompressedManifestStaticFilesStorage._js_module_import_aggregation_patterns[1],
    )
    patterns = tuple(
        (files, tuple(one for one in found if "sourceMappingURL" not in str(one)))
        for files, found in CompressedManifestStaticFilesStorage.patterns
    )
