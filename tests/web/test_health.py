def test_health_needs_no_database(client):
    assert client.get("/healthz").get_json() == {"status": "up"}


def test_ready_on_a_migrated_database(client):
    answer = client.get("/readyz")
    assert (answer.status_code, answer.get_json()) == (200, {"status": "ready"})
