# Check MetalLB pod status
kubectl get pods -n metallb-system

# Verify IP address pools
kubectl get ipaddresspools -n metallb-system

# Check BGP peer configuration
kubectl get bgppeers -n metallb-system

# Verify BGP advertisements
kubectl get bgpadvertisements -n metallb-system

# Check communities
kubectl get communities -n metallb-system
