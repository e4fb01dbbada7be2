"""The devices vplat brings along. Each is a plugin and knows none of the others."""
