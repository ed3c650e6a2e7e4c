/** Where the Member API is. WeChat wants https and a domain that is registered for the mini-program. */
export const origin = 'https://member.example.com';
