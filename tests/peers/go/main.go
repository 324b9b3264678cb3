// What Go programs make of our files:
//
//	certificates ROOT ISSUING CERTIFICATE…   crypto/x509 reads each and builds its path
//	lists ISSUER LIST…                       crypto/x509 reads each and checks its signature
//	pdfsign ROOT FILE…                       digitorus/pdfsign verifies each
//	pdfcpu ROOT CERTS FILE…                  pdfcpu validates the signatures of each; what the office
//	                                         publishes is served from the folder, where its
//	                                         certificates say that it is
//
// One line a file; exit code 1 when one of them is not accepted.
package main

import (
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"

	"github.com/digitorus/pdfsign/verify"
	"github.com/pdfcpu/pdfcpu/pkg/api"
	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/model"
)

func main() {
	good := true
	tool, first, rest := os.Args[1], os.Args[2], os.Args[3:]
	switch tool {
	case "certificates":
		root, issuing := read(first), read(rest[0])
		for _, name := range rest[1:] {
			good = say(tool, name, path(root, issuing, name)) && good
		}
	case "lists":
		for _, name := range rest {
			good = say(tool, name, list(read(first), name)) && good
		}
	case "pdfsign":
		// It trusts what the system trusts.
		os.Setenv("SSL_CERT_FILE", first)
		os.Setenv("SSL_CERT_DIR", os.DevNull)
		for _, name := range rest {
			good = say(tool, name, pdfsign(name)) && good
		}
	case "pdfcpu":
		api.DisableConfigDir()
		model.UserCertPool = x509.NewCertPool()
		model.UserCertPool.AddCert(read(first))
		files := rest[1:]
		if err := publish(rest[0]); err != nil {
			panic(err)
		}
		for _, name := range files {
			good = say(tool, name, pdfcpu(name)) && good
		}
	default:
		panic(tool)
	}
	if !good {
		os.Exit(1)
	}
}

func say(tool, name string, err error) bool {
	if err != nil {
		fmt.Println(tool, name, "refused:", err)
		return false
	}
	fmt.Println(tool, name, "accepted")
	return true
}

func read(name string) *x509.Certificate {
	certificate, err := parse(name)
	if err != nil {
		panic(name + ": " + err.Error())
	}
	return certificate
}

func parse(name string) (*x509.Certificate, error) {
	text, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	block, _ := pem.Decode(text)
	if block == nil {
		return nil, fmt.Errorf("no PEM")
	}
	return x509.ParseCertificate(block.Bytes)
}

// A seal is for e-mail protection too, as Go has no name for documents; keys for tokens have no
// purposes at all.
func path(root, issuing *x509.Certificate, name string) error {
	certificate, err := parse(name)
	if err != nil {
		return err
	}
	if len(certificate.UnhandledCriticalExtensions) > 0 {
		return fmt.Errorf("critical: %v", certificate.UnhandledCriticalExtensions)
	}
	roots, between := x509.NewCertPool(), x509.NewCertPool()
	roots.AddCert(root)
	between.AddCert(issuing)
	purpose := x509.ExtKeyUsageAny
	if strings.HasSuffix(name, "-seal.pem") || strings.HasSuffix(name, "report.pem") {
		purpose = x509.ExtKeyUsageEmailProtection
		wrong := x509.VerifyOptions{Roots: roots, Intermediates: between, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}}
		if _, err := certificate.Verify(wrong); err == nil {
			return fmt.Errorf("good for servers too")
		}
	}
	options := x509.VerifyOptions{Roots: roots, Intermediates: between, KeyUsages: []x509.ExtKeyUsage{purpose}}
	chains, err := certificate.Verify(options)
	if err != nil {
		return err
	}
	if want := map[bool]int{true: 1, false: 3}[certificate.Equal(root)]; len(chains[0]) != want && !certificate.Equal(issuing) {
		return fmt.Errorf("a chain of %d", len(chains[0]))
	}
	return nil
}

func list(issuer *x509.Certificate, name string) error {
	der, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	list, err := x509.ParseRevocationList(der)
	if err != nil {
		return err
	}
	return list.CheckSignatureFrom(issuer)
}

func pdfsign(name string) error {
	file, err := os.Open(name)
	if err != nil {
		return err
	}
	defer file.Close()
	answer, err := verify.VerifyFile(file)
	if err != nil {
		return err
	}
	if answer.Error != "" || len(answer.Signers) != 1 {
		return fmt.Errorf("%d signers: %s", len(answer.Signers), answer.Error)
	}
	signer := answer.Signers[0]
	if !signer.ValidSignature || !signer.TrustedIssuer {
		return fmt.Errorf("valid %v, trusted %v", signer.ValidSignature, signer.TrustedIssuer)
	}
	for _, one := range signer.Certificates {
		if one.VerifyError != "" {
			return fmt.Errorf("%s: %s", one.Certificate.Subject, one.VerifyError)
		}
	}
	leaves := 0
	for _, one := range signer.Certificates {
		if one.Certificate.IsCA {
			continue
		}
		leaves++
		if !one.KeyUsageValid || !one.ExtKeyUsageValid {
			return fmt.Errorf("%s %s", one.KeyUsageError, one.ExtKeyUsageError)
		}
	}
	if leaves != 1 {
		return fmt.Errorf("%d leaves", leaves)
	}
	return nil
}

// pdfcpu calls a signature valid once it has fetched the lists about its path.
func publish(folder string) error {
	leaf, err := parse(folder + "/market-seal.pem")
	if err != nil {
		return err
	}
	at, err := url.Parse(leaf.CRLDistributionPoints[0])
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", at.Host)
	if err != nil {
		return err
	}
	go http.Serve(listener, http.StripPrefix("/crl/", http.FileServer(http.Dir(folder))))
	return nil
}

func pdfcpu(name string) error {
	results, err := api.ValidateSignatures(name, true, nil)
	if err != nil {
		return err
	}
	if len(results) != 1 {
		return fmt.Errorf("%d signatures", len(results))
	}
	if results[0].Status != model.SignatureStatusValid {
		return fmt.Errorf("%v, %v: %v", results[0].Status, results[0].Reason, results[0].Problems)
	}
	return nil
}
