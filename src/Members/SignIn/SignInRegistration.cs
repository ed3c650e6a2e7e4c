using Microsoft.Extensions.DependencyInjection;

namespace Engagement.Members.SignIn;

/// <summary>Registers the sign-in of members.</summary>
internal static class SignInRegistration
{
    public static IServiceCollection AddSignIn(this IServiceCollection services)
    {
        services.AddOptions<SignInOptions>().BindConfiguration(SignInOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        return services.AddSingleton<MemberSessions>().AddSingleton<PersonDesk>();
    }
}
