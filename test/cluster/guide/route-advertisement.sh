# On FRRouting router
vtysh -c "show bgp summary"
vtysh -c "show bgp ipv4 unicast"
vtysh -c "show bgp neighbors 192.168.1.10 received-routes"

# On Cisco router
show ip bgp summary
show ip bgp
show ip bgp neighbors 192.168.1.10 received-routes

# On VyOS router
show ip bgp summary
show ip bgp
show ip bgp neighbors 192.168.1.10 received-routes
