"""What the pool of a site keeps of the reward, set by those who configure the site. It holds from then on."""

from cango_ops.base.models import User
from compute.models import MiningTerms
from sites import agreements
from sites.models import Site


def set_terms(actor: User, site: Site, terms: MiningTerms) -> None:
    """Raises AgreementRefused."""
    agreements.put(actor, site, terms, MiningTerms.objects.filter(site=site), "pool.set")


def terms_of(site: Site) -> MiningTerms | None:
    return MiningTerms.objects.filter(site=site).first()
