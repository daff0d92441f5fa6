// The page of the API's description: Swagger UI, signed in by the session's cookie.
const place = document.getElementById("api");

function csrfToken() {
  const cookie = document.cookie.split("; ").find((pair) => /^(__Host-csrf|cango_csrf)=/.test(pair));
  return cookie ? decodeURIComponent(cookie.split("=")[1]) : "";
}

window.SwaggerUIBundle({
  url: place.dataset.schema,
  domNode: place,
  deepLinking: true,
  validatorUrl: null,
  requestInterceptor(request) {
    if (!["GET", "HEAD"].includes(request.method)) request.headers["X-CSRFToken"] = csrfToken();
    return request;
  },
});
