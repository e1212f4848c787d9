"""The only code that speaks to a search engine: documents in, explained answers out.

It knows nothing of the web application or its database; who may see what arrives as a neutral filter.
"""
