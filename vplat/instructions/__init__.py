"""Custom instruction sets that come with vplat; each module is a plugin like a stranger's."""
