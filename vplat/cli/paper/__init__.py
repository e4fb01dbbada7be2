"""What ``vplat bench paper`` measures, and how it stands beside arXiv 2408.02473."""
