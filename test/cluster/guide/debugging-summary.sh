# Get detailed speaker status
kubectl describe pods -n metallb-system -l component=speaker

# Check events for MetalLB namespace
kubectl get events -n metallb-system --sort-by='.lastTimestamp'

# View MetalLB controller logs
kubectl logs -n metallb-system -l component=controller

# Get all MetalLB resources
kubectl get all -n metallb-system

# Describe a specific BGP peer
kubectl describe bgppeer router-primary -n metallb-system

# Check for CRD issues
kubectl get crd | grep metallb
