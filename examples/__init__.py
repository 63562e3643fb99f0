"""Examples of business apps that use Baton; the tests run each of them."""
