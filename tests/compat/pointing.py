"""The lines that point juriscraper at the simulator. Everything else is as it is published."""

from urllib.parse import urlsplit

from requests.adapters import HTTPAdapter


def point_at(simulator):
    """Whatever is asked of any host goes to the simulator, which tells courts apart by `Host`.

    Juriscraper writes the courts' host names into its addresses and the domain `.uscourts.gov`
    into its cookies, so both stay as they are, and only the connection goes elsewhere. Nothing
    that it asks can reach a real court, nor a proxy.
    """
    send = HTTPAdapter.send

    def send_there(adapter, request, **how):
        asked, host = request.url, urlsplit(request.url).netloc
        request.headers.update({"Host": host, "X-Forwarded-Proto": "https"})
        request.url = simulator + request.path_url
        response = send(adapter, request, **how | {"proxies": {}})
        response.url = request.url = asked
        return response

    HTTPAdapter.send = send_there
