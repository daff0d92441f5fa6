"""What every megawatt of a site shall do in every interval of the next two days. Pure: no Django, no files."""
