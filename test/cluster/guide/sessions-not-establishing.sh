# Check speaker logs for errors
kubectl logs -n metallb-system -l component=speaker | grep -i error

# Verify network connectivity to router
kubectl exec -n metallb-system -it $(kubectl get pods -n metallb-system -l component=speaker -o jsonpath='{.items[0].metadata.name}') -- ping -c 3 192.168.1.1

# Check if TCP port 179 is reachable
kubectl exec -n metallb-system -it $(kubectl get pods -n metallb-system -l component=speaker -o jsonpath='{.items[0].metadata.name}') -- nc -zv 192.168.1.1 179
