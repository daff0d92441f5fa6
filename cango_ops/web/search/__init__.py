"""Search over sites, containers and machines that a person may see."""
