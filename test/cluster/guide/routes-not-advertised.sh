# Verify IP address pool has available IPs
kubectl get ipaddresspools -n metallb-system -o yaml

# Check if advertisement is configured correctly
kubectl get bgpadvertisements -n metallb-system -o yaml

# Verify service has an external IP assigned
kubectl get svc -A | grep LoadBalancer
