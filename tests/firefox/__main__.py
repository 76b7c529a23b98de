from tests.firefox import ensure

ensure()
