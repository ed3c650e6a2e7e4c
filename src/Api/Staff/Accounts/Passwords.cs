using System.Security.Cryptography;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Options;

namespace Engagement.Api.Staff.Accounts;

/// <summary>Passwords: hashed by ASP.NET Core Identity's hasher (PBKDF2 with SHA-512), which tells old hashes from new ones.</summary>
internal sealed class Passwords
{
    private const int ShortestPassword = 12;
    private const int LongestPassword = 128;

    // No letters or digits that people take for one another; 16 of 31 are 79 bits.
    private const string OneTimeAlphabet = "abcdefghjkmnpqrstuvwxyz23456789";

    private static readonly string[] s_simple = ["password", "123456", "qwerty", "admin", "letmein", "yaodian", "welcome", "iloveyou", "abc123", "111111", "888888", "666666"];

    private readonly PasswordHasher<string> _hasher;
    private readonly string _nobody;

    /// <param name="iterations">The rounds of PBKDF2; OWASP asks for 210,000 with SHA-512.</param>
    public Passwords(int iterations = 210_000)
    {
        _hasher = new PasswordHasher<string>(Options.Create(new PasswordHasherOptions { IterationCount = iterations }));
        _nobody = Hash("nobody", OneTime());
    }

    public string Hash(string name, string password) => _hasher.HashPassword(name, password);

    /// <summary>Whether the password fits; <paramref name="hash"/> <c>null</c> or empty never fits and takes as long, so that time does not tell which names exist.</summary>
    public bool Verify(string name, string? hash, string password, out bool rehash)
    {
        var result = _hasher.VerifyHashedPassword(name, string.IsNullOrEmpty(hash) ? _nobody : hash, password);
        rehash = result == PasswordVerificationResult.SuccessRehashNeeded;
        return result != PasswordVerificationResult.Failed && !string.IsNullOrEmpty(hash);
    }

    /// <summary>Whether somebody may choose it: length counts, kinds of characters do not.</summary>
    public static bool Acceptable(string name, string password) =>
        password.Length is >= ShortestPassword and <= LongestPassword
        && !password.Contains(name, StringComparison.OrdinalIgnoreCase)
        && password.Distinct().Count() >= 5
        && s_simple.Aggregate(password, (rest, simple) => rest.Replace(simple, "", StringComparison.OrdinalIgnoreCase)).Length >= 6;

    /// <summary>A password for one sign-in.</summary>
    public static string OneTime() => string.Join('-', RandomNumberGenerator.GetString(OneTimeAlphabet, 16).Chunk(4).Select(part => new string(part)));
}
