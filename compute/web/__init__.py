"""Pages of the machines: a site, a container, one machine."""
