"""The commands `kustomer_doctor` and `kustomer_models`."""
